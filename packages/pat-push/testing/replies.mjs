// HTTP answers for the browser tests: the test's own URL says what comes back.
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Koa middleware: `/__reply?html=..&status=..&type=..&delay=<ms>&redirect=<url>`. Counts requests by `count=<name>`;
 * `/__count?name=..` answers how many there were. What is put to `/__kept/<name>` is what that answers afterwards,
 * under the policy in `csp=..`, and the one in `report=..` that only reports.
 * With `failures=<n>` only so many answers have the status.
 */
export function replies() {
  const counts = new Map();
  const kept = new Map();
  return async (context, next) => {
    const { path, query } = context;
    if (path === "/__count") {
      context.body = String(counts.get(query.name) ?? 0);
    } else if (path.startsWith("/__kept/")) {
      if (context.method === "PUT") kept.set(path, await text(context.req));
      reply(context, { html: kept.get(path) });
      if (query.csp) context.set("content-security-policy", query.csp);
      if (query.report) context.set("content-security-policy-report-only", query.report);
    } else if (path.startsWith("/__reply")) {
      // For pages of all origins, whatever they ask with.
      context.set("access-control-allow-origin", "*");
      context.set("access-control-allow-headers", "*");
      if (query.count) counts.set(query.count, (counts.get(query.count) ?? 0) + 1);
      if (query.delay) await sleep(Number(query.delay));
      const passed = query.failures && counts.get(query.count) > Number(query.failures);
      reply(context, passed ? { html: query.html } : query);
    } else {
      await next();
    }
  };
}

function reply(context, { redirect, status = "200", type = "text/html; charset=utf-8", html = "" }) {
  if (redirect) {
    context.redirect(redirect);
    return;
  }
  context.status = Number(status);
  context.set("content-type", type);
  context.set("cache-control", "no-store");
  context.body = html;
}
