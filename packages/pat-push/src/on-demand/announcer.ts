/** Tells screen readers what came, where the markup asks for it: one live region for each tone, and no flood. */

export type Tone = "polite" | "assertive";

/** Between two announcements, in milliseconds: what comes sooner cuts off what is being read. */
const PAUSE_MS = 1500;
/** Waiting at most; of more, the assertive and the newest count. */
const MAX_WAITING = 3;
/** Read at most, in characters. */
const MAX_TEXT = 250;

export class Announcer {
  readonly #regions = new Map<Tone, HTMLElement>();
  readonly #waiting: (readonly [Tone, string])[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  announce(content: string, tone: Tone): void {
    const text = content.replaceAll(/\s+/g, " ").trim().slice(0, MAX_TEXT);
    if (text === "") return;
    this.#region(tone); // it has to be there before its text changes
    const polite = this.#firstPolite();
    const place = tone === "assertive" && polite >= 0 ? polite : this.#waiting.length;
    this.#waiting.splice(place, 0, [tone, text]);
    // The oldest goes, of the polite ones if there are any.
    if (this.#waiting.length > MAX_WAITING) this.#waiting.splice(Math.max(0, this.#firstPolite()), 1);
    this.#timer ??= setTimeout(() => this.#next(), 100);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const region of this.#regions.values()) region.remove();
  }

  #firstPolite(): number {
    return this.#waiting.findIndex(([tone]) => tone === "polite");
  }

  #next(): void {
    const [tone, text] = this.#waiting.shift() ?? [];
    this.#timer = tone === undefined ? undefined : setTimeout(() => this.#next(), PAUSE_MS);
    for (const region of this.#regions.values()) region.textContent = "";
    if (tone !== undefined) this.#region(tone).textContent = text ?? "";
  }

  #region(tone: Tone): HTMLElement {
    const known = this.#regions.get(tone);
    if (known?.isConnected) return known;
    const region = document.createElement("div");
    region.className = "pat-push-announcer";
    region.ariaLive = tone;
    region.role = tone === "assertive" ? "alert" : "status";
    // By script, property by property: a strict policy allows no style attribute.
    Object.assign(region.style, {
      position: "absolute",
      width: "1px",
      height: "1px",
      overflow: "hidden",
      clipPath: "inset(50%)",
      whiteSpace: "nowrap",
    });
    document.body.append(region);
    this.#regions.set(tone, region);
    return region;
  }
}
