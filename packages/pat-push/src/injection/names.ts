/** Names in a snippet must not hide members of the page's own objects: browsers look elements up there first. */

/** Looked up in the document, by name; some also by id. */
const IN_DOCUMENT = "form, img, embed, object";
/** Looked up in their form, by name and by id. */
const IN_FORM = "button, fieldset, input, output, select, textarea";

/** Members of elements that fields are named after all the same. Of forms nothing here relies on them. */
const USUAL: ReadonlySet<string> = new Set(["id", "prefix", "slot", "role", "remove", "before", "after"]);

/** Takes names such as `body`, `getElementById` and `attributes` off, and leaves usual ones. */
export function disarmNames(snippet: DocumentFragment): void {
  for (const element of snippet.querySelectorAll(`${IN_DOCUMENT}, ${IN_FORM}`)) {
    for (const attribute of ["name", "id"]) {
      const name = element.getAttribute(attribute);
      if (name && hides(name, element.matches(IN_DOCUMENT))) element.removeAttribute(attribute);
    }
  }
  for (const { content } of snippet.querySelectorAll("template")) disarmNames(content);
}

function hides(name: string, inDocument: boolean): boolean {
  return !USUAL.has(name) && (name in Element.prototype || (inDocument && name in Document.prototype));
}

/** An element's id, whatever the fields in a form are named. */
export function idOf(element: Element): string {
  return element.getAttribute("id") ?? "";
}
