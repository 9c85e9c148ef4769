/** Nothing moves under the reader's eyes. */

import { idOf } from "../injection/names.ts";

/** Remembers how far elements with an id are scrolled; the returned function scrolls their new selves as far. */
export function rememberScroll(live: Element): () => void {
  const scrolled = [live, ...live.querySelectorAll("[id]")]
    .filter((element) => idOf(element) !== "" && (element.scrollTop !== 0 || element.scrollLeft !== 0))
    .map((element) => ({ id: idOf(element), scrollTop: element.scrollTop, scrollLeft: element.scrollLeft }));
  return () => {
    for (const { id, scrollTop, scrollLeft } of scrolled)
      document.getElementById(id)?.scrollTo({ top: scrollTop, left: scrollLeft, behavior: "instant" });
  };
}
