import { readIndex, search, type SiteIndex } from "@narthex/ui/docs-search";
import { ResultList } from "./result-list.ts";

const SHOWN = 20;

/**
 * Starts the search field in the page's bar. The index is loaded when the field gets the focus for the first time.
 * Results are updated with each key press, and arrow keys select one. The key "/" moves the focus to the field.
 */
export function startSearch(place: HTMLElement, root: string): void {
  const input = place.querySelector("input")!;
  const panel = place.querySelector<HTMLElement>(".results")!;
  const status = place.querySelector<HTMLElement>(".status")!;
  const list = new ResultList(place.querySelector<HTMLElement>("#site-results")!, input, root);
  const index = new FetchedIndex(`${root}search-index.json`);
  const open = (isOpen: boolean): void => {
    panel.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) list.choose(undefined);
  };
  const show = async (): Promise<void> => {
    const words = input.value.trim();
    if (words === "") return open(false);
    try {
      const found = search(await index.load(), words);
      // Drops the results, because the search text has changed while the search was running.
      if (input.value.trim() !== words) return;
      list.show(found.slice(0, SHOWN));
      status.textContent = found.length === 0 ? `Nothing is found for “${words}”` : "";
    } catch {
      list.show([]);
      status.textContent = "The search index could not be loaded";
    }
    open(true);
  };
  input.addEventListener("focus", () => void index.load().catch(() => {}));
  input.addEventListener("input", () => void show());
  input.addEventListener("keydown", (event) => {
    const { key } = event;
    if (key === "Escape") open(false);
    else if (key === "ArrowDown" || key === "ArrowUp") {
      if (panel.hidden) void show();
      else list.step(key === "ArrowDown" ? 1 : -1);
    } else if (key === "Enter") {
      if (!panel.hidden) list.follow();
    } else return;
    event.preventDefault();
  });
  document.addEventListener("click", ({ target }) => {
    const isInside = place.contains(target as Node);
    // Closes the list after a click on a result, because a result on the current page only changes the anchor and loads
    // no page.
    if (!isInside || (target as Element).closest("a") !== null) open(false);
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (isTyping || event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });
  place.hidden = false;
}

/** The search index, fetched once. After a failed download, the next search fetches it again. */
class FetchedIndex {
  readonly #url: string;
  #loading: Promise<SiteIndex> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  load(): Promise<SiteIndex> {
    return (this.#loading ??= this.#fetch().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    }));
  }

  async #fetch(): Promise<SiteIndex> {
    const answer = await fetch(this.#url);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return readIndex(await answer.text());
  }
}
