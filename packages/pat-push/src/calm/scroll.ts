/** Nothing moves under the reader's eyes. */

/** Remembers how far elements with an id are scrolled; the returned function scrolls their new selves as far. */
export function rememberScroll(live: Element): () => void {
  const scrolled = [live, ...live.querySelectorAll("[id]")]
    .filter((element) => element.id !== "" && (element.scrollTop !== 0 || element.scrollLeft !== 0))
    .map(({ id, scrollTop, scrollLeft }) => ({ id, scrollTop, scrollLeft }));
  return () => {
    for (const { id, scrollTop, scrollLeft } of scrolled)
      document.getElementById(id)?.scrollTo({ top: scrollTop, left: scrollLeft, behavior: "instant" });
  };
}
