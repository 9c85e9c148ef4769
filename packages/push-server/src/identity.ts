/** A login as the CMS knows it, shared by all connections that were opened with the same cookie. */
import type { CmsUser, Credentials } from "cms-client";
import { groupTopic, userTopic, type Topic } from "push-protocol";
import type { Connection } from "./connection.ts";

export class Identity {
  readonly credentials: Credentials;
  readonly userId: string;
  /** What its connections hold without asking: the user, the groups, everybody. */
  topics: readonly Topic[];
  readonly connections: Set<Connection> = new Set();
  /** When the CMS is asked about it next; milliseconds since the epoch. */
  checkAt: number;

  constructor(credentials: Credentials, user: CmsUser, checkAt: number) {
    this.credentials = credentials;
    this.userId = user.id;
    this.topics = ownTopics(user);
    this.checkAt = checkAt;
  }
}

export function ownTopics(user: CmsUser): readonly Topic[] {
  return [userTopic(user.id), ...user.groups.map(groupTopic), "all"];
}
