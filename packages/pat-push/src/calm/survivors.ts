/** Which live elements stay when their new selves come. */

/** Whether `old` stays in the page instead of `next`, which has its id. */
export function survives(old: Element, next: Element): boolean {
  if (old.localName !== next.localName) return false;
  return (
    old.isEqualNode(next) || // first: it is so for most, and needs no style
    old.hasAttribute("data-push-permanent") ||
    isGauge(old) ||
    isPlaying(old, next) ||
    isBeingEdited(old) ||
    hasChosenFiles(old)
  );
}

/** A progress bar stays and takes the new value: it moves on instead of beginning anew, for eyes and ears alike. */
export function updateSurvivor(old: Element, next: Element): void {
  if (!isGauge(old) || old.hasAttribute("data-push-permanent")) return;
  for (const name of old.getAttributeNames()) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) old.setAttribute(name, value);
  if (old.innerHTML !== next.innerHTML) old.replaceChildren(...next.childNodes);
}

function isGauge(element: Element): boolean {
  return element.localName === "progress" || element.localName === "meter";
}

function isPlaying(old: Element, next: Element): boolean {
  if (!(old instanceof HTMLMediaElement) || old.paused || old.ended) return false;
  return old.getAttribute("src") === next.getAttribute("src") && old.innerHTML === next.innerHTML;
}

function isBeingEdited(old: Element): boolean {
  return old instanceof HTMLElement && old.isContentEditable && old.contains(document.activeElement);
}

/** No script can put the files into another field. */
function hasChosenFiles(old: Element): boolean {
  return old instanceof HTMLInputElement && old.type === "file" && (old.files?.length ?? 0) > 0;
}
