import type { Result } from "@narthex/ui/docs-search";

/** The list of results below a search field. Arrow keys select a result while the field keeps the focus. */
export class ResultList {
  readonly #list: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #root: string;

  /** @param root relative path from the page to the site's root */
  constructor(list: HTMLElement, input: HTMLInputElement, root: string) {
    this.#list = list;
    this.#input = input;
    this.#root = root;
  }

  show(results: readonly Result[]): void {
    this.choose(undefined);
    this.#list.replaceChildren(...results.map((result, at) => optionOf(result, at, this.#root)));
  }

  choose(option: HTMLElement | undefined): void {
    this.#chosen?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option === undefined) this.#input.removeAttribute("aria-activedescendant");
    else this.#input.setAttribute("aria-activedescendant", option.id);
  }

  /** Selects the next or previous result. The list is circular. */
  step(by: 1 | -1): void {
    const options = this.#options;
    const at = options.findIndex((option) => option === this.#chosen);
    const first = by === 1 ? 0 : -1;
    this.choose(options.at(at === -1 ? first : (at + by) % options.length));
  }

  /** Opens the selected result, or the first one if none is selected. */
  follow(): void {
    (this.#chosen ?? this.#options[0])?.click();
  }

  get #options(): HTMLElement[] {
    return [...this.#list.querySelectorAll<HTMLElement>('[role="option"]')];
  }

  get #chosen(): HTMLElement | null {
    return this.#list.querySelector<HTMLElement>('[aria-selected="true"]');
  }
}

function optionOf({ id, title, page, excerpt }: Result, at: number, root: string): HTMLElement {
  const link = document.createElement("a");
  link.href = root + id;
  link.tabIndex = -1;
  const part = (name: string, text: string): void => {
    if (text === "") return;
    const element = document.createElement("span");
    element.className = name;
    element.textContent = text;
    link.append(element, " ");
  };
  part("title", title);
  part("of", page);
  part("excerpt", excerpt);
  link.id = `site-result-${at}`;
  link.setAttribute("role", "option");
  link.setAttribute("aria-selected", "false");
  return link;
}
