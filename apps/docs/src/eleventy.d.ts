/** Types for the parts of Eleventy, the site generator, that this site uses. Eleventy has no types of its own. */
declare module "@11ty/eleventy" {
  import type MarkdownIt from "markdown-it";

  export interface EleventyConfig {
    setIncludesDirectory(path: string): void;
    setTemplateFormats(formats: readonly string[]): void;
    setLibrary(language: "md", library: MarkdownIt): void;
    addGlobalData(name: string, value: unknown): void;
    addFilter<Value>(name: string, filter: (value: Value) => unknown): void;
    addTemplate(path: string, content: string, data?: Readonly<Record<string, unknown>>): void;
    addPassthroughCopy(paths: Readonly<Record<string, string>>): void;
    addPlugin(plugin: (config: EleventyConfig, options: never) => void, options?: object): void;
  }

  export interface EleventyOptions {
    /** False disables the search for a configuration file. */
    readonly configPath: false;
    readonly quietMode: boolean;
    readonly config: (config: EleventyConfig) => void;
  }

  export class Eleventy {
    constructor(input: string, output: string, options: EleventyOptions);
    write(): Promise<unknown>;
  }
}

declare module "@11ty/eleventy-plugin-syntaxhighlight" {
  import type { EleventyConfig } from "@11ty/eleventy";

  export default function syntaxHighlight(config: EleventyConfig, options: never): void;
}
