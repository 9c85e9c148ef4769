/** The status as a page for people: HTML of its own, without scripts. */
import { createHash } from "node:crypto";
import type { Status, StatusEntry } from "./status-report.ts";

const STYLE = `
:root { color-scheme: light dark; --ok: light-dark(#17663a, #6fd39b); --warning: light-dark(#7d5300, #f0bd5c); --wrong: light-dark(#a1241b, #ff8f85); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; }
h2 { font-size: 1.05rem; margin: 0; }
section { border-left: 4px solid var(--state); padding: .25rem 0 .25rem 1rem; margin: 1.25rem 0; }
.ok { --state: var(--ok); } .warning { --state: var(--warning); } .wrong { --state: var(--wrong); }
.state { color: var(--state); font-weight: 600; }
p { margin: .15rem 0; } dl { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: .15rem 0; font-size: .875rem; opacity: .8; }
dl div { display: flex; gap: .4rem; } dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
`;

/** What the page may load: its own style, and nothing else. */
export const STATUS_PAGE_POLICY: string = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const WORDS = { ok: "OK", warning: "OK, but", wrong: "Wrong" } as const;

export function renderStatusPage({ ok, at, checks }: Status): string {
  const wrong = checks.filter(({ state }) => state === "wrong").length;
  const verdict = ok ? "Everything works." : `${wrong} of ${checks.length} checks went wrong.`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>push-server: ${verdict}</title><style>${STYLE}</style></head>
<body>
<h1>push-server</h1>
<p class="${ok ? "ok" : "wrong"}"><span class="state">${verdict}</span> Looked at ${escape(at)}. <a href="">Look again</a></p>
${checks.map(renderEntry).join("\n")}
</body>
</html>
`;
}

function renderEntry({ name, state, detail, facts = {}, ms }: StatusEntry): string {
  const figures = Object.entries({ ...facts, "checked in ms": ms });
  const list = figures.map(
    ([fact, value]) => `<div><dt>${escape(fact)}</dt><dd>${escape(String(value))}</dd></div>`,
  );
  return `<section class="${state}"><h2>${escape(name)} <span class="state">${WORDS[state]}</span></h2><p>${escape(detail)}</p><dl>${list.join("")}</dl></section>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
