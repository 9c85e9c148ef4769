/** In front of the Plone adapter: tickets that are decided here, with a shared secret, cost Plone nothing. */
import type { CmsUser } from "./cms-client.ts";
import type { LocalTicketOptions } from "./cms-client-options.ts";
import type { Credentials } from "./credentials.ts";
import { parseTicket, verifyTicket } from "./plone-ticket.ts";

/** `ask`: the CMS has to say. */
export type LocalVerdict = CmsUser | "nobody" | "ask";

/**
 * Decides where the ticket is the only credential. Another one, or a cookie that is no ticket (a Zope-root
 * user's), is the CMS's to judge.
 */
export function judgeLocally(credentials: Credentials, options: LocalTicketOptions): LocalVerdict {
  const [name, ...others] = credentials.names;
  const wire = credentials.cookie(name ?? "");
  if (wire === undefined || others.length > 0 || parseTicket(wire) === undefined) return "ask";
  const ticket = verifyTicket(wire, options);
  if (ticket === undefined) return "nobody";
  return options.trust === "believe" ? { id: ticket.userId, groups: [] } : "ask";
}
