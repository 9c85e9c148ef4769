/** The little world of the demo: who works at Northquay, and what they work on together. */
import { Site, type Account, type Document, type Workspace } from "./site.ts";

/** The uploader, a colleague who shares a workspace with her, and an outsider who does not. */
export const ACCOUNTS: readonly Account[] = [
  { id: "jane", fullName: "Jane Harper", password: "jane-at-the-quay" },
  { id: "noam", fullName: "Noam Levi", password: "noam-at-the-quay" },
  { id: "eve", fullName: "Eve Okafor", password: "eve-at-the-gate" },
];

const WORKSPACES: readonly Workspace[] = [
  {
    id: "quay-renewal",
    title: "Quay renewal",
    description: "Plans, tenders and minutes for the rebuilding of the north quay.",
    members: ["jane", "noam"],
  },
  {
    id: "gatehouse",
    title: "Gatehouse",
    description: "Visitors, deliveries and the duty roster at the gate.",
    members: ["eve", "noam"],
  },
];

/** The site with the documents that are stored already. */
export function northquay(documents: readonly Document[]): Site {
  return new Site(ACCOUNTS, WORKSPACES, documents);
}
