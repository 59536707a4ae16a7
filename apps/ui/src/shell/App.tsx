import { Button, Group, Menu } from "@mantine/core";
import { IconChevronDown, IconTerminal2 } from "@tabler/icons-react";
import { type ComponentType, useState } from "react";
import { BrowserRouter, Link, NavLink, Outlet, Route, Routes, useLocation } from "react-router";
import { homePath, rootPath } from "../api/root-path.ts";
import { FindButton } from "./FindButton.tsx";
import { type PageDialog, usePageKeys } from "./keys/page-keys.ts";
import type { PageLink, Role, RolePaletteProps } from "./role.ts";
import { ColorSchemeButton } from "./ColorSchemeButton.tsx";
import { DocsLink } from "./DocsLink.tsx";
import { AppHeader } from "./AppHeader.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import type { Neighbour } from "./neighbours.ts";
import { Notifications } from "./Notifications.tsx";
import { ReadinessGate } from "./ReadinessGate.tsx";
import { classesOf } from "./style-sheet.ts";
import { whenLoaded } from "./when-loaded.tsx";
import styles from "./App.module.css";

const css = classesOf(styles);

const KeyListModal = whenLoaded(() => import("./keys/KeyListModal.tsx"), null);
const NotFoundPage = whenLoaded(() => import("./NotFoundPage.tsx"));

/** Content of the frame of all pages. */
interface Bar {
  readonly role: Role;
  readonly neighbours: readonly Neighbour[];
  readonly Palette?: ComponentType<RolePaletteProps> | undefined;
}

/** A link in the navigation bar. `root` is the root path of the pages of another program. */
type BarEntry = PageLink & { readonly root?: string | undefined };

interface BarSection {
  readonly name: string;
  readonly links: readonly BarEntry[];
}

const keyOf = ({ root = "", path }: BarEntry): string => `${root}${path}`;

/** A button in the navigation bar that opens a menu of links. If there are several sections, each has a heading. */
function BarMenu({
  sections,
  of,
}: {
  sections: readonly BarSection[];
  /** Name of the link that the menu belongs to, for screen readers. */
  of?: string;
}) {
  const { pathname } = useLocation();
  const isCurrent = ({ root, path }: BarEntry): boolean => root === undefined && path === pathname;
  const current = sections.some(({ links }) => links.some(isCurrent));
  const look = { variant: current ? "light" : "subtle", color: current ? "fennel" : "gray" };
  const item = (entry: BarEntry) => {
    const { root, path, name, icon: ItemIcon } = entry;
    const rest = { leftSection: <ItemIcon size={16} aria-hidden />, children: name };
    if (root !== undefined) return <Menu.Item key={keyOf(entry)} component="a" href={`${root}${path}`} {...rest} />;
    const mark = isCurrent(entry) ? { "aria-current": "page" as const, fw: 600 } : {};
    return <Menu.Item key={keyOf(entry)} component={Link} to={path} {...rest} {...mark} />;
  };
  return (
    <Menu shadow="md" width={of === undefined ? 270 : 200} position="bottom-start">
      <Menu.Target>
        {of === undefined ? (
          <Button {...look} className={css("link")} rightSection={<IconChevronDown size={14} aria-hidden />}>
            Status
          </Button>
        ) : (
          <Button {...look} className={css("link", "more")} aria-label={`More of ${of}`}>
            <IconChevronDown size={14} aria-hidden />
          </Button>
        )}
      </Menu.Target>
      <Menu.Dropdown className={css("menu")}>
        {sections.map(({ name, links }, index) => [
          index > 0 && <Menu.Divider key={`before ${name}`} />,
          of === undefined && <Menu.Label key={name}>{name}</Menu.Label>,
          ...links.map(item),
        ])}
      </Menu.Dropdown>
    </Menu>
  );
}

function BarLink({ link, onClick }: { link: BarEntry; onClick?: () => void }) {
  const { root, path, name, icon: LinkIcon, owns } = link;
  const { pathname } = useLocation();
  const content = (
    <>
      <LinkIcon size={16} aria-hidden />
      {name}
    </>
  );
  if (root !== undefined)
    return (
      <a href={`${root}${path}`} className={css("link", "anchor")}>
        {content}
      </a>
    );
  const isOwner = pathname !== path && owns?.(pathname) === true;
  return (
    <NavLink
      to={path}
      className={css("link", "anchor")}
      {...(isOwner ? { "data-owner": true } : {})}
      {...(onClick === undefined ? {} : { onClick })}
    >
      {content}
    </NavLink>
  );
}

function ConsolesLink({ href = "" }: { href: string | undefined }) {
  if (href === "") return null;
  return (
    <a className={css("link", "anchor")} href={href}>
      <IconTerminal2 size={16} aria-hidden />
      Consoles
    </a>
  );
}

/** Returns the links and menus of the navigation bar: those of this program, or of all programs that share the bar. */
function barOf(
  role: Role,
  neighbours: readonly Neighbour[],
): { readonly links: readonly BarEntry[]; readonly menu: readonly BarSection[] } {
  if (neighbours.length === 0) return role;
  const withRoot = (root: string | undefined, links: readonly PageLink[]): readonly BarEntry[] =>
    links.map((link) => ({ ...link, root }));
  return {
    links: neighbours.flatMap(({ root, links }) => withRoot(root, links)),
    menu: neighbours.flatMap(({ root, menu }) =>
      menu.map(({ name, links }) => ({ name, links: withRoot(root, links) })),
    ),
  };
}

/**
 * Returns a function that reports whether a section of links has the same name as a link. Such a section is shown as a
 * menu next to the link; other sections are in the menu "Status".
 */
const isOf =
  (link: BarEntry) =>
  ({ name }: BarSection): boolean =>
    name === link.name;

function Header({ role, neighbours, onFind }: Omit<Bar, "Palette"> & { onFind?: () => void }) {
  const { name, Tools } = role;
  const { links, menu } = barOf(role, neighbours);
  const status = menu.filter((section) => !links.some((link) => isOf(link)(section)));
  const isShared = neighbours.length > 0;
  const navigation = links.length > 0 && {
    navigation: (
      <>
        {links.map((link) => {
          const own = menu.filter(isOf(link));
          return (
            <Group key={keyOf(link)} gap={0} wrap="nowrap">
              <BarLink link={link} />
              {own.length > 0 && <BarMenu sections={own} of={link.name} />}
            </Group>
          );
        })}
        {status.length > 0 && <BarMenu sections={status} />}
        <ConsolesLink href={role.consolesLink} />
      </>
    ),
    renderNarrowNavigation: (close: () => void) => (
      <>
        {[...links, ...menu.flatMap((section) => section.links)].map((link) => (
          <BarLink key={keyOf(link)} link={link} onClick={close} />
        ))}
        <ConsolesLink href={role.consolesLink} />
      </>
    ),
  };
  return (
    <AppHeader
      {...(name === undefined || isShared ? {} : { role: name })}
      home={isShared ? `${homePath}/` : `${rootPath}${role.start}`}
      {...navigation}
      tools={
        <>
          {Tools !== undefined && (
            <ErrorBoundary of="tools" isOptional>
              <Tools />
            </ErrorBoundary>
          )}
          {onFind !== undefined && <FindButton onClick={onFind} />}
          <DocsLink />
          <ColorSchemeButton />
        </>
      }
    />
  );
}

/** The dialogs that keys of every page open. */
function PageDialogs({ opened, Palette, onClose, ...bar }: Bar & { opened: PageDialog; onClose: () => void }) {
  return (
    <ErrorBoundary of={opened} isOptional>
      {opened === "keys" && <KeyListModal onClose={onClose} />}
      {opened === "find" && Palette !== undefined && <Palette {...bar} onClose={onClose} />}
    </ErrorBoundary>
  );
}

/** Frame of every page: navigation bar, and the page of the current URL. */
function Shell({ role, neighbours, Palette }: Bar) {
  const [opened, open] = useState<PageDialog>();
  usePageKeys(open);
  const { pathname, search } = useLocation();
  const isWithoutHeader = role.isWithoutHeader?.({ pathname, search }) === true;
  const page = (
    <ErrorBoundary of={pathname} isPage>
      <Outlet />
    </ErrorBoundary>
  );
  return (
    <>
      <ErrorBoundary of="notifications" isOptional>
        <Notifications />
      </ErrorBoundary>
      {!isWithoutHeader && (
        <Header role={role} neighbours={neighbours} {...(Palette && { onFind: () => open("find") })} />
      )}
      {opened !== undefined && (
        <PageDialogs
          opened={opened}
          role={role}
          neighbours={neighbours}
          Palette={Palette}
          onClose={() => open(undefined)}
        />
      )}
      <main id="content" tabIndex={-1} className={isWithoutHeader ? "page bare" : "page"}>
        {role.waitsUntilReady ? <ReadinessGate>{page}</ReadinessGate> : page}
      </main>
    </>
  );
}

/**
 * UI of one program.
 * @param neighbours all programs whose pages are in the same navigation bar
 * @param Palette the dialog that finds pages and more
 */
export function App({ role, neighbours, Palette }: Bar) {
  return (
    <BrowserRouter basename={rootPath === "" ? "/" : rootPath} useTransitions={false}>
      <Routes>
        <Route element={<Shell role={role} neighbours={neighbours} Palette={Palette} />}>
          {role.pages.map(({ path, Page }) => (
            <Route key={path} path={path} element={<Page />} />
          ))}
          <Route path="*" element={<NotFoundPage role={role} />} />
        </Route>
      </Routes>
    </BrowserRouter>
  );
}
