import type { Icon } from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Neighbour } from "./neighbours.ts";
import type { LoadedComponent } from "./when-loaded.tsx";

export interface PageLink {
  readonly path: string;
  readonly name: string;
  readonly icon: Icon;
  /** Reports whether a path belongs to the link, so that the bar highlights it. By default these are paths below it. */
  readonly owns?: (path: string) => boolean;
}

/** Links below a heading in a menu of the navigation bar. */
export interface LinkSection {
  readonly name: string;
  readonly links: readonly PageLink[];
}

/** A page with its path, a React Router pattern such as `/silences/:id`. */
interface RoutedPage {
  readonly path: string;
  readonly Page: ComponentType & Partial<Pick<LoadedComponent<object>, "load">>;
}

/** Properties of the dialog that finds pages and more. */
export interface RolePaletteProps {
  readonly role: Role;
  readonly neighbours: readonly Neighbour[];
  readonly onClose: () => void;
}

/** UI of one program: its pages and the content of the navigation bar. */
export interface Role {
  /** Name next to the logo; undefined for the server. */
  readonly name?: string;
  /** Path of the page to which the name in the bar links. */
  readonly start: string;
  readonly pages: readonly RoutedPage[];
  /** Links in the bar. */
  readonly links: readonly PageLink[];
  /**
   * Links in the menu "Status" of the navigation bar. A section with the same name as a link in the bar becomes a menu
   * next to that link.
   */
  readonly menu: readonly LinkSection[];
  /** Links for a navigation bar that several programs share. By default these are `links` and `menu`. */
  readonly shared?: { readonly links: readonly PageLink[]; readonly menu: readonly LinkSection[] };
  /** URL of the console templates, which are outside of this UI. If empty, there is no link to them. */
  readonly consolesLink?: string;
  /** Additional buttons at the end of the navigation bar. */
  readonly Tools?: ComponentType;
  /**
   * Reports whether the page at an address is shown without the navigation bar: in kiosk mode, or embedded in another
   * page. By default never.
   */
  readonly isWithoutHeader?: (address: { readonly pathname: string; readonly search: string }) => boolean;
  /** Whether pages are shown only when the server is ready. */
  readonly waitsUntilReady: boolean;
}
