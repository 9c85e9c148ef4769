import { expect, it } from "vitest";
import { ACCOUNTS, northquay } from "./northquay.ts";
import type { Document } from "./site.ts";

const [jane, noam, eve] = ACCOUNTS;
const document = (uid: string, fields: Partial<Document> = {}): Document => ({
  uid,
  id: `${uid}.pdf`,
  workspace: "quay-renewal",
  name: `${uid}.pdf`,
  mediaType: "application/pdf",
  bytes: 1,
  uploadedBy: "jane",
  uploadedAt: 1,
  seenBy: ["jane"],
  owed: [],
  owedVersion: 1,
  ...fields,
});

it("counts as unread what others added to the workspaces of an account, newest first", () => {
  const site = northquay([
    document("a"),
    document("b", { uploadedAt: 2 }),
    document("c", { seenBy: ["noam"] }),
  ]);
  const unread = (account = jane) => (account ? site.unreadOf(account).map(({ uid }) => uid) : []);
  expect(unread(noam)).toEqual(["b", "a"]);
  expect(unread(jane)).toEqual(["c"]);
  expect(unread(eve)).toEqual([]);
});

it.each([
  ["Plan.PDF", "plan.pdf"],
  ["Übersicht (März) — neu.docx", "ubersicht-marz-neu.docx"],
  ["../../etc/passwd", "etc-passwd"],
  ["計画.pdf", "document.pdf"],
  [".htaccess", "document.htaccess"],
  ["", "document"],
])("makes a path segment of %j", (name, id) => {
  expect(northquay([]).freeId("quay-renewal", name)).toBe(id);
});

it("gives no two documents of a workspace one path", () => {
  const site = northquay([document("plan"), document("plan-2")]);
  expect(site.freeId("quay-renewal", "plan.pdf")).toBe("plan-3.pdf");
  expect(site.freeId("gatehouse", "plan.pdf")).toBe("plan.pdf");
});
