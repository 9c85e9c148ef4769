/** The content of the intranet: accounts, workspaces and their documents, and who may see them. */

/** Somebody who can log in. */
export interface Account {
  readonly id: string;
  readonly fullName: string;
  readonly password: string;
}

/** A room that its members share. Its id is its path segment, and the group that its members belong to. */
export interface Workspace {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Account ids. */
  readonly members: readonly string[];
}

/** A document of a workspace. Its bytes lie in the document store. */
export interface Document {
  /** 32 hexadecimal digits, as Plone's. */
  readonly uid: string;
  /** Path segment, unique in its workspace. */
  readonly id: string;
  readonly workspace: string;
  /** File name as the browser sent it. */
  readonly name: string;
  /** What the browser called it; nothing is decided by it. */
  readonly mediaType: string;
  readonly bytes: number;
  /** Account id. */
  readonly uploadedBy: string;
  /** Milliseconds since the epoch. */
  readonly uploadedAt: number;
  /** Accounts that have opened it. */
  readonly seenBy: readonly string[];
  /** What could not be done after the write, and is still owed. */
  readonly owed: readonly Debt[];
  /** Rises whenever that changes; begins as `uploadedAt`. */
  readonly owedVersion: number;
}

/** `announce`: the members' pages do not know of it yet; `preview`: its conversion is not queued yet. */
export type Debt = "announce" | "preview";

/** Everything in memory, by id; the document store is what survives a restart. */
export class Site {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly workspaces: ReadonlyMap<string, Workspace>;
  readonly #documents = new Map<string, Document>();

  constructor(
    accounts: readonly Account[],
    workspaces: readonly Workspace[],
    documents: readonly Document[] = [],
  ) {
    this.accounts = new Map(accounts.map((account) => [account.id, account]));
    this.workspaces = new Map(workspaces.map((workspace) => [workspace.id, workspace]));
    for (const document of documents) this.put(document);
  }

  /** Adds or replaces a document. */
  put(document: Document): void {
    this.#documents.set(document.uid, document);
  }

  remove(uid: string): void {
    this.#documents.delete(uid);
  }

  document(uid: string): Document | undefined {
    return this.#documents.get(uid);
  }

  documentAt(workspace: string, id: string): Document | undefined {
    return this.documentsOf(workspace).find((document) => document.id === id);
  }

  /** Newest first. */
  documentsOf(workspace: string): Document[] {
    return [...this.#documents.values()]
      .filter((document) => document.workspace === workspace)
      .toSorted((one, other) => other.uploadedAt - one.uploadedAt);
  }

  workspacesOf(account: Account): Workspace[] {
    return [...this.workspaces.values()].filter((workspace) => this.isMember(account, workspace));
  }

  isMember(account: Account, workspace: Workspace): boolean {
    return workspace.members.includes(account.id);
  }

  /** Documents of the account's workspaces that others have added and the account has not opened, newest first. */
  unreadOf(account: Account): Document[] {
    return this.workspacesOf(account)
      .flatMap((workspace) => this.documentsOf(workspace.id))
      .filter((document) => !document.seenBy.includes(account.id))
      .toSorted((one, other) => other.uploadedAt - one.uploadedAt);
  }

  /** A path segment for a file name, which no document of the workspace has. */
  freeId(workspace: string, name: string): string {
    const [, stem = "", extension = ""] = /^(.*?)(\.[a-z0-9]{1,8})?$/i.exec(name) ?? [];
    const base = slug(stem) || "document";
    const suffix = extension.toLowerCase();
    for (let number = 1; ; number += 1) {
      const id = number === 1 ? `${base}${suffix}` : `${base}-${number}${suffix}`;
      if (!this.documentAt(workspace, id)) return id;
    }
  }
}

function slug(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60);
}
