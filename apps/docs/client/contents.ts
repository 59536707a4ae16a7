/** On narrow screens the contents fold away behind a button; on wide ones they show where the reader is. */
export function foldContents(button: HTMLButtonElement, contents: HTMLElement): void {
  const fold = (isOpen: boolean): void => {
    button.setAttribute("aria-expanded", String(isOpen));
    contents.classList.toggle("open", isOpen);
  };
  contents.classList.add("folds");
  button.hidden = false;
  button.addEventListener("click", () => fold(button.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !contents.classList.contains("open")) return;
    fold(false);
    button.focus();
  });
  const current = contents.querySelector<HTMLElement>("[aria-current]");
  if (current === null) return;
  // The page itself must not move.
  contents.scrollTop = current.offsetTop - contents.clientHeight / 2;
}
