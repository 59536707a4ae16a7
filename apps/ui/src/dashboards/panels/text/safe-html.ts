import createPurifier from "dompurify";
import { Marked } from "marked";
import { affordableLength } from "./markdown-cost.ts";

/**
 * Maximum number of characters that are rendered. Longer texts are cut, since the rendering time grows with the length.
 */
const MAX_TEXT = 200_000;

const marked = new Marked({ gfm: true, async: false });

/** Matches the CSS properties that are allowed. They cannot move an element out of the panel or load a resource. */
const STYLE =
  /^(color|background-color|text-(align|decoration|transform|indent)|font(-(size|weight|style|family|variant))?|line-height|letter-spacing|white-space|vertical-align|(min-|max-)?(width|height)|(margin|padding)(-(top|right|bottom|left))?|border(-(top|right|bottom|left))?(-(color|style|width))?|border-(radius|collapse|spacing)|display|(flex|grid|justify|align|gap|row-gap|column-gap)(-[a-z-]+)?|list-style(-type)?|opacity|overflow(-[xy])?|float|clear)$/;

/** Removes inline styles that are not allowed. Checks the styles as the browser has parsed them. */
function keepStyles(element: Element): void {
  if (!element.hasAttribute("style")) return;
  const { style } = element as HTMLElement;
  for (const name of Array.from(style))
    if (!STYLE.test(name) || /url\(|image-set\(|expression/i.test(style.getPropertyValue(name)))
      style.removeProperty(name);
  if (style.length === 0) element.removeAttribute("style");
}

function safeguard(node: Element): void {
  keepStyles(node);
  if (node.tagName !== "A" || !node.hasAttribute("href")) return;
  if (node.getAttribute("target") !== null) node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
}

function purifierOf(view: Window): ReturnType<typeof createPurifier> {
  const purifier = createPurifier(view as Window & typeof globalThis);
  purifier.addHook("afterSanitizeAttributes", safeguard);
  return purifier;
}

let purifier: ReturnType<typeof createPurifier> | undefined;

/**
 * Converts untrusted text to safe DOM elements, without scripts, frames, forms and event handlers. Parts that cannot be
 * rendered are shown as source text or left out, with a message at the end.
 * @param mode format of the text; Markdown may contain HTML
 */
export function safeHtml(text: string, mode: "markdown" | "html"): DocumentFragment {
  purifier ??= purifierOf(window);
  const cut = text.slice(0, MAX_TEXT);
  const length = mode === "markdown" ? affordableLength(cut) : cut.length;
  const html = mode === "markdown" ? htmlOf(cut.slice(0, length)) : cut;
  const fragment = purifier.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true },
    ADD_ATTR: ["target"],
    FORBID_TAGS: ["style", "form", "input", "textarea", "select", "button", "dialog", "option", "optgroup"],
    // Adds a prefix to ids and names in the text, so that they cannot replace ids and names of the page.
    SANITIZE_NAMED_PROPS: true,
  });
  if (length < cut.length) {
    fragment.append(
      textElement(
        "p",
        "The rest is shown as source text, because rendering it would take too long. Add empty lines between its parts.",
      ),
      textElement("pre", cut.slice(length).trim()),
    );
  }
  if (cut.length < text.length)
    fragment.append(textElement("p", `The text is cut after ${MAX_TEXT.toLocaleString("en")} characters.`));
  return fragment;
}

function textElement(name: "p" | "pre", text: string): HTMLElement {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function htmlOf(markdown: string): string {
  try {
    return marked.parse(markdown) as string;
  } catch {
    // Shows the source text, because the Markdown library throws an error if the text is nested too deeply.
    return textElement("pre", markdown).outerHTML;
  }
}
