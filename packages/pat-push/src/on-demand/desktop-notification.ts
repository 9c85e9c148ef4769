/** `mode: desktop-notification` of `.pat-push`: shows what its URL answers, a list of notifications in JSON. */

/** As core's pat-push has it: the options of the browser's Notification, and where a click leads. */
interface DesktopMessage extends NotificationOptions {
  readonly title: string;
  readonly data?: { readonly url?: string };
}

/** Browsers ask the user only after a gesture of theirs: a click on the element is one. */
export function askOnClick(element: HTMLElement): () => void {
  if (!("Notification" in globalThis) || Notification.permission !== "default") return () => undefined;
  element.addEventListener("click", ask, { once: true });
  return () => element.removeEventListener("click", ask);
}

function ask(): void {
  void Notification.requestPermission();
}

/** Fetches from the page's own origin and shows, if the user has agreed. @throws Error if the answer is none */
export async function showDesktopNotifications(url: string): Promise<void> {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  const response = await fetch(url, { mode: "same-origin", headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  const messages = (await response.json()) as DesktopMessage[];
  for (const message of messages) {
    const notification = new Notification(message.title, message);
    const to = safeUrl(message.data?.url);
    if (to) notification.addEventListener("click", () => window.open(to, "_self"));
  }
}

function safeUrl(url: string | undefined): string | undefined {
  const parsed = url === undefined ? undefined : new URL(url, document.baseURI);
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.href : undefined;
}
