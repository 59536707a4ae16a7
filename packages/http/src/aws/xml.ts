import { setImmediate } from "node:timers/promises";

/** Number of characters that are parsed before the function yields to the event loop. */
const PIECE = 64 * 1024;

/** An element of an XML answer, without attributes and namespaces. */
export class XmlElement {
  readonly #children = new Map<string, XmlElement[]>();
  #text = "";

  /** Returns the root element. Rejects if the text is not an XML document. The library is loaded on first use. */
  static async parse(text: string): Promise<XmlElement> {
    const { SaxesParser } = await import("saxes");
    const parser = new SaxesParser();
    const document = new XmlElement();
    const open = [document];
    parser.on("opentag", ({ name }) => {
      const element = new XmlElement();
      open.at(-1)!.#add(name.slice(name.indexOf(":") + 1), element);
      open.push(element);
    });
    parser.on("closetag", () => void open.pop());
    parser.on("text", (part) => (open.at(-1)!.#text += part));
    parser.on("cdata", (part) => (open.at(-1)!.#text += part));
    parser.on("error", (error) => {
      throw new Error(`answer is not XML: ${error.message}`);
    });
    for (let at = 0; at < text.length; at += PIECE) {
      if (at > 0) await setImmediate();
      parser.write(text.slice(at, at + PIECE));
    }
    parser.close();
    return [...document.#children.values()][0]![0]!;
  }

  /** Returns the first child element with this name, otherwise an empty element. */
  child(name: string): XmlElement {
    return this.children(name)[0] ?? new XmlElement();
  }

  children(name: string): readonly XmlElement[] {
    return this.#children.get(name) ?? [];
  }

  /** Returns the text of the first child element with this name, or undefined without such an element. */
  text(name: string): string | undefined {
    const [found] = this.children(name);
    return found === undefined ? undefined : found.#text;
  }

  #add(name: string, element: XmlElement): void {
    const before = this.#children.get(name);
    if (before === undefined) this.#children.set(name, [element]);
    else before.push(element);
  }
}
