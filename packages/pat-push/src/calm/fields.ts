/** What somebody typed, chose and opened goes over into the elements that come instead. */

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** Carries over what differs from what the server had written; a field is known by its id, or by its name. */
export function carryFields(live: Element, next: readonly Element[]): void {
  for (const field of live.querySelectorAll<Field>("input, textarea, select")) {
    if (!isChangedField(field)) continue;
    const twin = findTwin(field, next);
    if (twin) carry(field, twin);
  }
}

/** Opened details stay open; they are known by their id, or by their place among all. */
export function carryOpenDetails(live: Element, next: readonly Element[]): void {
  for (const [index, details] of [...live.querySelectorAll("details")].entries()) {
    if (!details.open) continue;
    const twin =
      details.id === ""
        ? findAll<HTMLDetailsElement>(next, "details")[index]
        : findAll<HTMLDetailsElement>(next, `#${CSS.escape(details.id)}`)[0];
    if (twin instanceof HTMLDetailsElement && sameSummary(details, twin)) twin.open = true;
  }
}

/** Elements in and among these. */
function findAll<T extends Element>(elements: readonly Element[], selector: string): T[] {
  return elements.flatMap((element) => [
    ...(element.matches(selector) ? [element as T] : []),
    ...element.querySelectorAll<T>(selector),
  ]);
}

/** The new self of a form field. */
export function findTwin(field: Element, next: readonly Element[]): Element | undefined {
  const name = field.getAttribute("name");
  const selector =
    field.id === "" ? name && `${field.localName}[name="${CSS.escape(name)}"]` : `#${CSS.escape(field.id)}`;
  if (!selector) return undefined;
  const twins = findAll(next, selector);
  const [first] = twins;
  // Radio buttons and check boxes share a name.
  return field instanceof HTMLInputElement && isTick(field)
    ? twins.find((twin) => twin.getAttribute("value") === field.getAttribute("value"))
    : first;
}

function isTick({ type }: HTMLInputElement): boolean {
  return type === "checkbox" || type === "radio";
}

/** Whether somebody changed a form field since the server wrote it. */
export function isChangedField(field: Element): boolean {
  if (field instanceof HTMLSelectElement) return isChangedSelect(field);
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLInputElement)) return false;
  return isTick(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

/** Without a choice in the markup, a list that takes one has chosen its first. */
function isChangedSelect({ options, multiple }: HTMLSelectElement): boolean {
  const all = [...options];
  const written = all.filter(({ defaultSelected }) => defaultSelected);
  const defaults = multiple ? written : [written.at(-1) ?? all[0]];
  return all.some((option) => option.selected !== defaults.includes(option));
}

function carry(field: Field, twin: Element): void {
  if (field instanceof HTMLSelectElement) {
    if (!(twin instanceof HTMLSelectElement)) return;
    const chosen = new Set([...field.selectedOptions].map(({ value }) => value));
    for (const option of twin.options) option.selected = chosen.has(option.value);
  } else if (field instanceof HTMLInputElement) {
    if (!(twin instanceof HTMLInputElement) || twin.type !== field.type || field.type === "file") return;
    if (isTick(field)) twin.checked = field.checked;
    else twin.value = field.value;
  } else if (twin instanceof HTMLTextAreaElement) {
    twin.value = field.value;
  }
}

function sameSummary(a: Element, b: Element): boolean {
  return a.querySelector("summary")?.textContent === b.querySelector("summary")?.textContent;
}
