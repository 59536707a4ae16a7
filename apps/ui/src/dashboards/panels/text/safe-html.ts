import createPurifier from "dompurify";
import { Marked } from "marked";

/** Longer texts are cut: a panel is no book, and the time that rendering takes grows with them. */
const MAX_TEXT = 200_000;

const marked = new Marked({ gfm: true, async: false });

/** Styles that move nothing out of the panel and load nothing. */
const STYLE =
  /^(color|background-color|text-(align|decoration|transform|indent)|font(-(size|weight|style|family|variant))?|line-height|letter-spacing|white-space|vertical-align|(min-|max-)?(width|height)|(margin|padding)(-(top|right|bottom|left))?|border(-(top|right|bottom|left))?(-(color|style|width))?|border-(radius|collapse|spacing)|display|(flex|grid|justify|align|gap|row-gap|column-gap)(-[a-z-]+)?|list-style(-type)?|opacity|overflow(-[xy])?|float|clear)$/;

/** Leaves of an element's styles those that are listed, each read by the browser's own parser. */
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
 * A text as elements that may stand in the page: no scripts, frames, forms or handlers, whatever it holds.
 * @param mode what the text is written in; Markdown may hold HTML
 */
export function safeHtml(text: string, mode: "markdown" | "html"): DocumentFragment {
  purifier ??= purifierOf(window);
  const cut = text.slice(0, MAX_TEXT);
  return purifier.sanitize(mode === "markdown" ? htmlOf(cut) : cut, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true },
    ADD_ATTR: ["target"],
    FORBID_TAGS: ["style", "form", "input", "textarea", "select", "button", "dialog", "option", "optgroup"],
    // An id or name of the text's must not stand for one of the page's.
    SANITIZE_NAMED_PROPS: true,
  });
}

function htmlOf(markdown: string): string {
  try {
    return marked.parse(markdown) as string;
  } catch {
    // Nested beyond what the library's recursion bears: shown as it is written.
    const plain = document.createElement("pre");
    plain.textContent = markdown;
    return plain.outerHTML;
  }
}
