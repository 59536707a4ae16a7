import { chooseTheme, chosenTheme, type ColorScheme, followSystem } from "./color-scheme.ts";
import { addCopyButtons } from "./copy-buttons.ts";
import { foldContents } from "./contents.ts";
import { startSearch } from "./search.ts";

const next: Readonly<Record<ColorScheme, ColorScheme>> = { light: "dark", dark: "auto", auto: "light" };

/** Makes a button switch between the light, the dark and the system's colour scheme. */
function startThemeButton(button: HTMLButtonElement): void {
  const show = (): void => {
    const scheme = chosenTheme();
    const label = `Theme: ${scheme}. Switch to ${next[scheme]}`;
    button.title = label;
    button.setAttribute("aria-label", label);
  };
  button.addEventListener("click", () => {
    chooseTheme(next[chosenTheme()]);
    show();
  });
  show();
  button.hidden = false;
  followSystem();
}

const find = <T extends Element>(selector: string): T => document.querySelector<T>(selector)!;

startThemeButton(find(".theme-button"));
foldContents(find(".contents-button"), find("#site-contents"));
addCopyButtons(document.querySelectorAll("article pre"));
startSearch(find(".search"), document.documentElement.dataset["root"]!);
