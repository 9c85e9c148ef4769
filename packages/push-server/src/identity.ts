/** A login as the CMS knows it, shared by all connections that were opened with the same cookie. */
import type { CmsUser, Credentials } from "cms-client";
import { groupTopic, userTopic, type Topic } from "push-protocol";
import type { Connection } from "./connection.ts";
import { members, withMember, withoutMember, type SmallSet } from "./small-set.ts";

export class Identity {
  readonly credentials: Credentials;
  readonly userId: string;
  /** What its connections hold without asking: the user, the groups, everybody. */
  topics: readonly Topic[];
  #connections: SmallSet<Connection>;
  /** When the CMS is asked about it next; milliseconds since the epoch. */
  checkAt: number;

  constructor(credentials: Credentials, user: CmsUser, checkAt: number) {
    this.credentials = credentials;
    this.userId = user.id;
    this.topics = ownTopics(user);
    this.checkAt = checkAt;
  }

  get connections(): Iterable<Connection> {
    return members(this.#connections);
  }

  /** Nobody is connected with it (any more). */
  get unused(): boolean {
    return this.#connections === undefined;
  }

  joined(connection: Connection): void {
    this.#connections = withMember(this.#connections, connection);
  }

  left(connection: Connection): void {
    this.#connections = withoutMember(this.#connections, connection);
  }
}

export function ownTopics(user: CmsUser): readonly Topic[] {
  return [userTopic(user.id), ...user.groups.map(groupTopic), "all"];
}
