import { createTicket } from "cms-client";
import { expect, it } from "vitest";
import { northquay } from "./northquay.ts";
import { Sessions } from "./sessions.ts";

const secret = "a secret of the tests";
const sessions = new Sessions({ site: northquay([]), secret, timeoutSeconds: 7200 });
const now = Math.floor(Date.now() / 1000);
const cookie = (ticket: string) => `theme=dark; __ac=${ticket}; other="x"`;

it("knows the bearer of a ticket of its own", () => {
  const [opened] = sessions.open({ id: "jane", fullName: "Jane", password: "" }).split(";");
  expect(sessions.accountOf(opened)?.id).toBe("jane");
  expect(sessions.accountOf(cookie(createTicket({ secret, userId: "noam" })))?.id).toBe("noam");
});

it.each([
  ["no cookie", undefined],
  ["garbage", cookie("garbage")],
  ["another secret", cookie(createTicket({ secret: "another", userId: "jane" }))],
  ["a user who is gone", cookie(createTicket({ secret, userId: "john" }))],
  ["a ticket whose time is over", cookie(createTicket({ secret, userId: "jane", timestamp: now - 7201 }))],
  ["the cookie of a logout", sessions.close().split(";")[0]],
])("takes %s for nobody", (_what, header) => {
  expect(sessions.accountOf(header)).toBeUndefined();
});

it("keeps the cookie from scripts and from other sites", () => {
  const set = sessions.open({ id: "jane", fullName: "Jane", password: "" });
  expect(set).toMatch(/^__ac=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
});

it("compares passwords, and knows no account by an empty one", () => {
  expect(sessions.accountWith("jane", "jane-at-the-quay")?.id).toBe("jane");
  expect(sessions.accountWith("jane", "noam-at-the-quay")).toBeUndefined();
  expect(sessions.accountWith("nobody", "")).toBeUndefined();
});
