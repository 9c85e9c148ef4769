/** Fires Patternslib's `push` event, so that everything that listens for a push-id hears it once. */
import $ from "jquery";

/**
 * Core's pat-push and ours listen natively (`detail.body` is the push-id); pat-inject's `push-marker` listens with
 * jQuery, and only for what `trigger` hands it. jQuery's listeners hear native events as well, so they are kept
 * from the native one.
 */
export function fireMarker(marker: string): void {
  const { body } = document;
  const native = new CustomEvent("push", { detail: { body: marker } });
  const jqueryEvents = $.event as unknown as { triggered: string | undefined };
  jqueryEvents.triggered = "push"; // jQuery's own way to say: this native event is handled already
  try {
    body.dispatchEvent(native);
  } finally {
    jqueryEvents.triggered = undefined;
  }
  $(body).trigger($.Event("push", { originalEvent: native, detail: native.detail }), [marker]);
}
