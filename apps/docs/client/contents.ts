/**
 * Collapses the table of contents behind a button on narrow screens. When it is visible, it is scrolled to the current
 * page.
 */
export function foldContents(button: HTMLButtonElement, contents: HTMLElement): void {
  const current = contents.querySelector<HTMLElement>("[aria-current]");
  const showCurrent = (): void => {
    // Sets `scrollTop` instead of calling scrollIntoView(), which would also scroll the page.
    if (current !== null) contents.scrollTop = current.offsetTop - contents.clientHeight / 2;
  };
  const fold = (isOpen: boolean): void => {
    button.setAttribute("aria-expanded", String(isOpen));
    contents.classList.toggle("open", isOpen);
    if (isOpen) showCurrent();
  };
  contents.classList.add("folds");
  button.hidden = false;
  button.addEventListener("click", () => fold(button.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !contents.classList.contains("open")) return;
    fold(false);
    button.focus();
  });
  showCurrent();
}
