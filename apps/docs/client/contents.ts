/** On narrow screens the contents fold away behind a button. Wherever they are seen, they show where the reader is. */
export function foldContents(button: HTMLButtonElement, contents: HTMLElement): void {
  const current = contents.querySelector<HTMLElement>("[aria-current]");
  const showCurrent = (): void => {
    // The page itself must not move.
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
