import type { Icon } from "@tabler/icons-react";
import type { ComponentType } from "react";

/** A page that the navigation links to. */
export interface PageLink {
  readonly path: string;
  readonly name: string;
  readonly icon: Icon;
}

/** Links below one heading of the navigation's menu. */
export interface LinkSection {
  readonly name: string;
  readonly links: readonly PageLink[];
}

/** A page, drawn where the path fits (a pattern of React Router, such as `/silences/:id`). */
export interface RoutedPage {
  readonly path: string;
  readonly Page: ComponentType;
}

/** A program of Narthex as its UI shows it: the pages that exist, and what stands in the bar above them. */
export interface Role {
  /** Beside the brand; the server's own UI needs no word. */
  readonly name?: string;
  /** The path of the page that the name in the bar leads to. */
  readonly start: string;
  readonly pages: readonly RoutedPage[];
  /** Links in the bar. */
  readonly links: readonly PageLink[];
  /** Links in the bar's menu "Status"; a section that has the name of a link in the bar is a menu beside that link. */
  readonly menu: readonly LinkSection[];
  /** What stands in the bar where several roles share it; left out: the same. */
  readonly shared?: { readonly links: readonly PageLink[]; readonly menu: readonly LinkSection[] };
  /** A link that leads out of the app; none where the text is empty. */
  readonly consolesLink?: string;
  /** Buttons at the end of the bar, before the one for the color scheme. */
  readonly Tools?: ComponentType;
  /** Whether the page of an address stands alone, without the bar: in a kiosk, or within another page. Never where it is left out. */
  readonly isBare?: (address: { readonly pathname: string; readonly search: string }) => boolean;
  /** Whether pages wait until the role is ready to answer them. */
  readonly waitsUntilReady: boolean;
}
