/** The pages of the features: what one is for, its markup alive and as text, and what its buttons publish. */
import type { Message } from "push-protocol";
import { featurePath, type Feature, type FeatureAction, type FeatureVisit } from "../features/feature.ts";
import { html, trusted, type Html } from "./html.ts";
import { notices } from "./notice.ts";

export function featuresMain(features: readonly Feature[]): Html {
  return html`<div class="features">
    <h1>Features</h1>
    <p class="lead">
      What pat-push does, one page each: with the markup that is all there is to it, and buttons that make the
      server publish.
    </p>
    <ul>
      ${features.map(
        (feature) =>
          html`<li class="panel">
            <h2><a href="${featurePath(feature)}">${feature.title}</a></h2>
            <p>${feature.summary}</p>
          </li>`,
      )}
    </ul>
  </div>`;
}

/** @param sent the action whose button was pressed */
export function featureMain(feature: Feature, visit: FeatureVisit, sent: FeatureAction | undefined): Html {
  const markup = feature.markup && flushLeft(feature.markup(visit));
  return html`<article class="feature">
    <nav class="path" aria-label="Path"><a href="/@@features">Features</a></nav>
    <h1>${feature.title}</h1>
    <div class="lead">${feature.text}</div>
    ${notices()}
    <section class="publish">
      <h2>Publish</h2>
      <p id="sent" class="hint" role="status">
        ${sent ? `“${sent.label}” is on its way.` : "Each button sends a message to the log of the push server."}
      </p>
      <ul>
        ${feature.actions.map((action) => actionItem(feature, action, visit))}
      </ul>
    </section>
    <div class="page">
      ${markup && html`<section class="stage panel" aria-label="In the page">${markup}</section>`}
      <section class="markup">
        <h2>The markup</h2>
        ${
          markup
            ? html`<pre tabindex="0"><code>${String(markup)}</code></pre>`
            : html`<p>None: <code>&lt;meta name="patterns-push-url"&gt;</code> in the head is enough.</p>`
        }
      </section>
    </div>
  </article>`;
}

function actionItem(feature: Feature, action: FeatureAction, visit: FeatureVisit): Html {
  const [first, ...others] = action.messages(visit, action.text ?? "");
  return html`<li class="panel">
    <form
      class="pat-inject"
      method="post"
      action="${featurePath(feature, action.name)}"
      data-pat-inject="source: #sent; target: #sent"
    >
      <input type="hidden" name="run" value="${visit.run}" />
      ${
        action.text !== undefined &&
        html`<input name="text" value="${action.text}" aria-label="Text" maxlength="200" required />`
      }
      <button>${action.label}</button>
    </form>
    ${first && messageTable(first)}
    ${others.length > 0 && html`<p class="hint">and ${others.length} more like it</p>`}
  </li>`;
}

function messageTable(message: Message): Html {
  return html`<table class="message">
    ${Object.entries(message).map(
      ([field, value]) =>
        html`<tr>
          <th scope="row">${field}</th>
          <td><code>${String(value)}</code></td>
        </tr>`,
    )}
  </table>`;
}

/** Without the indentation that a template has in its source. */
function flushLeft(template: Html): Html {
  const lines = String(template).trim().split("\n");
  const indents = lines.slice(1).flatMap((line) => (line.trim() === "" ? [] : line.search(/\S/)));
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  const left = lines.map((line, index) =>
    index === 0 ? line : line.slice(Math.min(indent, line.search(/\S|$/))),
  );
  return trusted(left.filter((line) => line.trim() !== "").join("\n"));
}
