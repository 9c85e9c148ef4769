/** The status as a page for people: HTML of its own, without scripts. */
import { createHash } from "node:crypto";
import { formatFigure } from "./format-figure.ts";
import type { Status, StatusEntry } from "./status-report.ts";

const STYLE = `
:root { color-scheme: light dark; --page: light-dark(#f6f6f4, #161819); --card: light-dark(#fff, #1f2224); --text: light-dark(#1c1e21, #e8e9ea);
  --soft: light-dark(#5b6067, #a2a8af); --line: light-dark(#e2e2de, #33373a); --ok: light-dark(#17663a, #6fd39b); --warning: light-dark(#7d5300, #f0bd5c); --wrong: light-dark(#a1241b, #ff8f85); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 52rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: .25rem 2rem; margin-bottom: 1.5rem; }
header p { margin: 0; color: var(--soft); font-size: .875rem; } h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; flex-basis: 100%; }
a { color: inherit; } form { display: inline; }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
ol > li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1.1rem 1rem; display: grid; grid-template-columns: 2.25rem 1fr; }
.mark { width: 1.5rem; height: 1.5rem; border-radius: 50%; background: var(--state); color: var(--card); font: 700 .9rem/1.5rem system-ui, sans-serif; text-align: center; }
.ok { --state: var(--ok); } .warning { --state: var(--warning); } .wrong { --state: var(--wrong); }
h1 .state, h2 .state { color: var(--state); } h2 { font-size: 1rem; margin: 0; } h2 .state { font-weight: 400; margin-left: .35rem; }
p { margin: .15rem 0 0; } ul { margin: .4rem 0 0; padding-left: 1.1rem; font-size: .9rem; overflow-wrap: anywhere; }
dl { display: flex; flex-wrap: wrap; gap: .15rem 1.25rem; margin: .5rem 0 0; font-size: .85rem; color: var(--soft); }
dl div { display: flex; gap: .4rem; } dd { margin: 0; color: var(--text); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
`;

/** What the page may load: its own style, and nothing else. */
export const STATUS_PAGE_POLICY: string = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

const WORDS = { ok: "OK", warning: "OK, but", wrong: "Wrong" } as const;
const MARKS = { ok: "✓", warning: "!", wrong: "×" } as const;

/** @param path where the page is, such as `/push/status` */
export function renderStatusPage({ at, checks }: Status, path: string): string {
  const count = (wanted: StatusEntry["state"]): number =>
    checks.filter(({ state }) => state === wanted).length;
  const [wrong, warnings] = [count("wrong"), count("warning")];
  const worst = wrong > 0 ? "wrong" : warnings > 0 ? "warning" : "ok";
  const verdict = {
    wrong: `${wrong} of ${checks.length} checks went wrong.`,
    warning: `Everything works, but look at ${warnings === 1 ? "one thing" : `${warnings} things`}.`,
    ok: "Everything works.",
  }[worst];
  const time = `<time datetime="${escape(at)}">${escape(at.slice(0, 19).replace("T", " "))} UTC</time>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${MARKS[worst]} push-server: ${verdict}</title><style>${STYLE}</style></head>
<body>
<header class="${worst}"><h1><span class="state">${verdict}</span></h1><p>push-server, ${time}</p><p><a href="">Look again</a></p></header>
<ol>
${checks.map((entry) => renderEntry(entry, path)).join("\n")}
</ol>
</body>
</html>
`;
}

function renderEntry(entry: StatusEntry, path: string): string {
  const { name, state, detail, facts = {}, cases = [], failedJobs = [], ms } = entry;
  const figures = Object.entries({ ...facts, "looked at in ms": ms }).map(([fact, value]) => {
    const [label, text] = formatFigure(fact, value);
    return `<div><dt>${escape(label)}</dt><dd>${escape(text)}</dd></div>`;
  });
  const list = cases
    .map((one, index) => `<li>${escape(one)}${renderRetry(failedJobs[index], path)}</li>`)
    .join("");
  return `<li class="${state}"><span class="mark" aria-hidden="true">${MARKS[state]}</span><div><h2>${escape(name)} <span class="state">${WORDS[state]}</span></h2><p>${escape(detail)}</p>${list && `<ul>${list}</ul>`}<dl>${figures.join("")}</dl></div></li>`;
}

function renderRetry(job: string | undefined, path: string): string {
  if (job === undefined) return "";
  const action = escape(`${path}/jobs/${encodeURIComponent(job)}/retry`);
  return ` <form method="post" action="${action}"><button>Try again</button></form>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
