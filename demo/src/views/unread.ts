/** The unread counter in the header. Its tabs fetch it again, each as its own user, when a message says so. */
import { html, type Html } from "./html.ts";

export function unreadLink(count: number): Html {
  return html`<a id="unread" class="unread" href="/" data-count="${count}">
    <span class="count">${count}</span> <span class="label">unread</span>
  </a>`;
}
