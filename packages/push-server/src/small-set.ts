/** Sets that nearly always have one member, which costs nothing then: a Set of its own takes a quarter of a kilobyte. */

/** Nothing, the only member, or several. */
export type SmallSet<T extends object> = undefined | T | Set<T>;

export function withMember<T extends object>(set: SmallSet<T>, member: T): SmallSet<T> {
  if (set === undefined || set === member) return member;
  if (set instanceof Set) return set.add(member);
  return new Set([set, member]);
}

export function withoutMember<T extends object>(set: SmallSet<T>, member: T): SmallSet<T> {
  if (!(set instanceof Set)) return set === member ? undefined : set;
  set.delete(member);
  return set.size > 0 ? set : undefined;
}

/** May be changed while it is gone through. */
export function members<T extends object>(set: SmallSet<T>): Iterable<T> {
  if (set === undefined) return [];
  return set instanceof Set ? set : [set];
}

export function memberCount<T extends object>(set: SmallSet<T>): number {
  if (set === undefined) return 0;
  return set instanceof Set ? set.size : 1;
}
