/** Checks the JSON that stands in a configuration against the options that it is to become. */

/** What a member may be; an array lists its only values. */
export type Shape = "string" | "strings" | "integers" | "texts by name" | readonly string[];

/** What is wrong with it and what to write; undefined if nothing is, or if there is no value. */
export function shapeProblem(
  value: unknown,
  shapes: Readonly<Record<string, Shape>>,
  required: readonly string[],
): string | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value))
    return `It is no JSON object: write {${required.map((name) => `"${name}": …`).join(", ")}}.`;
  const missing = required.filter((name) => value[name] === undefined);
  if (missing.length > 0) return `It lacks ${missing.join(", ")}: write all of ${required.join(", ")}.`;
  for (const [name, member] of Object.entries(value)) {
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (shape === undefined) return `It has no ${name}: there are ${Object.keys(shapes).join(", ")}.`;
    if (!hasShape(member, shape)) return `Its ${name} is of another kind: write ${describe(shape)}.`;
  }
  return undefined;
}

function hasShape(member: unknown, shape: Shape): boolean {
  if (shape === "string") return typeof member === "string";
  if (shape === "strings") return Array.isArray(member) && member.every((each) => typeof each === "string");
  if (shape === "integers") return Array.isArray(member) && member.every((each) => Number.isInteger(each));
  if (shape === "texts by name") {
    return isObject(member) && Object.values(member).every((each) => typeof each === "string");
  }
  return typeof member === "string" && shape.includes(member);
}

function describe(shape: Shape): string {
  if (shape === "string") return "text";
  if (shape === "strings") return "a list of texts";
  if (shape === "integers") return "a list of whole numbers";
  if (shape === "texts by name") return "an object of texts";
  return shape.join(" or ");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
