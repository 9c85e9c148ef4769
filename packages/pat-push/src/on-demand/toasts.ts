/** Where notifications go that name no place: a region in the corner of the page, and a frame around each of them. */

/** The region's id. A page may have an element of its own with it, and stylesheets know the classes in it. */
export const TOASTS_ID = "pat-push-toasts";

/** In the session storage: the notifications that were closed, for pages that still get them again. */
const CLOSED = "pat-push-closed";
/** Remembered at most: what comes again with the next page was published seconds before it. */
const MAX_CLOSED = 20;

/** How long a notification stays, in milliseconds; as long as the pointer or the focus is on it, and a failure: for ever. */
const SHOWN_MS = 8000;

const STYLE = `
@layer pat-push {
  .pat-push-toasts { position: fixed; z-index: 2147483000; inset-block-end: 1rem; inset-inline-end: 1rem;
    display: flex; flex-direction: column; gap: .5rem; inline-size: min(24rem, calc(100vw - 2rem)); pointer-events: none; }
  .pat-push-toast { pointer-events: auto; display: flex; align-items: start; gap: .75rem; padding: .75rem 1rem;
    border: 1px solid GrayText; border-radius: .5rem;
    background: Canvas; color: CanvasText; box-shadow: 0 4px 16px #0003; }
  .pat-push-toast-content { flex: 1; min-inline-size: 0; }
  .pat-push-toast-content > :first-child { margin-block-start: 0; }
  .pat-push-toast-content > :last-child { margin-block-end: 0; }
  .pat-push-toast-close { border: 0; padding: 0 .25rem; background: none; color: inherit; font: inherit; cursor: pointer; }
  @media (prefers-reduced-motion: no-preference) {
    .pat-push-toast { animation: pat-push-toast .2s ease-out; }
    @keyframes pat-push-toast { from { opacity: 0; translate: 0 .5rem; } }
  }
}`;

let sheet: CSSStyleSheet | undefined;

/**
 * Makes sure that there is a region, and a default style in a layer that every other style overrides. Where a region of
 * the page's own stands is the page's affair.
 */
export function ensureToasts(): void {
  if (!sheet) {
    sheet = new CSSStyleSheet(); // a strict policy allows no style element
    sheet.replaceSync(STYLE);
    document.adoptedStyleSheets.push(sheet);
  }
  if (document.getElementById(TOASTS_ID)) return;
  const region = document.createElement("div");
  region.id = TOASTS_ID;
  region.className = TOASTS_ID;
  document.body.append(region);
}

/** Whether somebody has closed this notification in this tab. */
export function wasClosed(name: string): boolean {
  return closedNames().includes(name);
}

/**
 * Frames the content of a notification: it can be closed, and goes by itself unless it is about a failure.
 * @param origin its name, and the key of what it is about: a later one takes its place
 */
export function frameToast(
  content: DocumentFragment,
  { name, key = name }: { readonly name: string; readonly key: string | undefined },
  lasting: boolean,
): HTMLElement {
  const toast = document.createElement("div");
  toast.className = "pat-push-toast";
  toast.id = `pat-push-toast-${key.replaceAll(/[^\w-]/g, "-")}`;
  toast.role = lasting ? "alert" : "status";
  const body = document.createElement("div");
  body.className = "pat-push-toast-content";
  body.append(content);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "pat-push-toast-close";
  close.ariaLabel = document.getElementById(TOASTS_ID)?.dataset["closeLabel"] ?? "Close";
  close.textContent = "\u00d7";
  close.addEventListener("click", () => {
    toast.remove();
    closedNames(name);
  });
  toast.append(body, close);
  if (!lasting) leaveInTime(toast);
  return toast;
}

/** Where a page has no storage, what was closed may come once more. */
function closedNames(closed = ""): string[] {
  try {
    const names = `${sessionStorage[CLOSED] ?? ""}\n${closed}`.split("\n").slice(-MAX_CLOSED);
    if (closed) sessionStorage[CLOSED] = names.join("\n");
    return names;
  } catch {
    return [];
  }
}

function leaveInTime(toast: HTMLElement): void {
  let timer: ReturnType<typeof setTimeout>;
  const start = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), SHOWN_MS);
  };
  const stop = (): void => clearTimeout(timer);
  for (const type of ["pointerenter", "focusin"]) toast.addEventListener(type, stop);
  for (const type of ["pointerleave", "focusout"]) toast.addEventListener(type, start);
  start();
}
