/** What a feature of pat-push is here: a page that explains it, its markup, and what its buttons publish. */
import type { Message } from "push-protocol";
import type { Reply } from "../reply.ts";
import type { Account } from "../site.ts";
import type { Cms } from "../view.ts";
import type { Html } from "../views/html.ts";
import type { MemberVisit } from "../visit.ts";

/** Who looks at a page of a feature, or presses a button of it. */
export interface FeatureVisit {
  readonly account: Account;
  /** Told apart by this: what two open pages of one user publish the states of. */
  readonly run: string;
}

export interface FeatureAction {
  /** Path segment. */
  readonly name: string;
  /** On its button. */
  readonly label: string;
  /** What the visitor may write instead of it. */
  readonly text?: string;
  /** Published in this order. The page shows the first. */
  readonly messages: (visit: FeatureVisit, text: string) => readonly Message[];
  /** From one message to the next, in milliseconds. Default: at once. */
  readonly everyMs?: number;
  /** Before the first, in milliseconds. Default: at once. */
  readonly afterMs?: number;
  /** What happens beside. */
  readonly beside?: (cms: Cms, visit: FeatureVisit) => void;
}

export interface Feature {
  /** Path segment. */
  readonly name: string;
  readonly title: string;
  /** What it is good for: a sentence. */
  readonly summary: string;
  /** How it works: a paragraph or two. */
  readonly text: Html;
  /** Stands in the page and is shown beside it. Absent: the page needs none. */
  readonly markup?: (visit: FeatureVisit) => Html;
  readonly actions: readonly FeatureAction[];
  /** What the markup fetches, by path segment below the feature's. */
  readonly contents?: Readonly<Record<string, (cms: Cms, visit: MemberVisit) => Reply>>;
}

export function featurePath({ name }: Pick<Feature, "name">, ...more: readonly string[]): string {
  return ["/@@features", name, ...more].join("/");
}
