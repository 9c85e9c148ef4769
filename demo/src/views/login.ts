/** The login page. */
import { html, type Html, type HtmlValue } from "./html.ts";
import { notices } from "./notice.ts";

/** @param cameFrom path to go to afterwards */
export function loginMain(cameFrom: string, cards: HtmlValue = "", user = ""): Html {
  return html`<div class="login">
    <h1>Log in to Northquay</h1>
    ${notices(cards)}
    <form method="post" action="/login" class="panel">
      <input type="hidden" name="came_from" value="${cameFrom}" />
      <label
        >User name
        <input name="user" autocomplete="username" autocapitalize="none" required autofocus value="${user}"
      /></label>
      <label
        >Password <input name="password" type="password" autocomplete="current-password" required
      /></label>
      <button class="primary">Log in</button>
    </form>
    <p class="hint">The accounts and their passwords stand in the terminal in which the demo was started.</p>
  </div>`;
}
