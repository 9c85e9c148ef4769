/** The frame of every page: head, header with the unread counter, main. */
import type { Account } from "../site.ts";
import { html, type Html } from "./html.ts";
import { unreadLink } from "./unread.ts";

export interface Frame {
  readonly title: string;
  readonly main: Html;
  /** Who looks at it; undefined on the login page. */
  readonly account?: Account | undefined;
  readonly unread?: number;
  /** When the state was read that the page shows, milliseconds since the epoch: pushed messages go on from there. */
  readonly renderedAt: number;
}

/** Statuses whose page pat-inject takes its error from: the notices in it go to the notices of the open page. */
const STATUSES_WITH_NOTICES = [400, 401, 403, 404, 413, 500, 502, 503];

export function layout({ title, main, account, unread = 0, renderedAt }: Frame): Html {
  return html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title} · Northquay</title>
      <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/assets/demo.css" />
      ${
        account &&
        html`<meta name="patterns-push-url" content="/push" />
          <meta name="patterns-push-cursor" content="${renderedAt}" />
          <meta name="patterns-push-user" content="${account.id}" />`
      }
      ${STATUSES_WITH_NOTICES.map(
        (status) => html`<meta name="pat-inject-status-${status}" content="#notices" />`,
      )}
      <script type="module" src="/assets/demo.js"></script>
    </head>
    <body>
      <a class="skip" href="#main">Skip to the content</a>
      <header class="site">
        <a class="brand" href="/">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M4 23h24M8 23V9l8-4 8 4v14M13 23v-8h6v8" />
          </svg>
          Northquay
        </a>
        ${
          account &&
          html`<nav aria-label="You">
            <a class="section" href="/@@features">Features</a>
            ${unreadLink(unread)}
            <span class="me"
              ><span class="avatar" data-account="${account.id}" aria-hidden="true">${initials(account)}</span
              ><span class="name">${account.fullName}</span></span
            >
            <form method="post" action="/logout"><button class="quiet">Log out</button></form>
          </nav>`
        }
      </header>
      <p class="connection paused" role="status">
        Live updates are paused. What happens meanwhile arrives as soon as the connection is back.
      </p>
      <p class="connection ended" role="status">You are logged out. <a href="/login">Log in</a> to go on.</p>
      <main id="main">${main}</main>
    </body>
  </html>`;
}

export function initials(account: Account): string {
  return account.fullName
    .split(" ")
    .map((name) => name.slice(0, 1))
    .join("");
}
