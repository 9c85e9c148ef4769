/** What few pages use, in one part that is loaded when it is used first. */
export { Announcer, type Tone } from "./announcer.ts";
export { askOnClick, showDesktopNotifications } from "./desktop-notification.ts";
export { ensureToasts, frameToast, TOASTS_ID, wasClosed } from "./toasts.ts";
