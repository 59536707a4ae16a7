import { ActionIcon, Group, Text, VisuallyHidden } from "@mantine/core";
import { IconMenu2, IconX } from "@tabler/icons-react";
import { useDisclosure } from "@mantine/hooks";
import type { MouseEvent, ReactNode } from "react";
import { HEADER_HEIGHT } from "./header-height.ts";
import { Logo } from "./Logo.tsx";
import { classesOf } from "./style-sheet.ts";
import styles from "./AppHeader.module.css";

const css = classesOf(styles);

/** Focuses the page's content without changing the URL fragment, which the router may use. */
function skipToContent(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

/**
 * The bar at the top of every page: name, navigation and tools. On narrow screens, the navigation is behind a button.
 */
export function AppHeader({
  role,
  home,
  navigation,
  renderNarrowNavigation,
  tools,
}: {
  /** Name of the program next to the logo; undefined for the server. */
  role?: string;
  home: string;
  navigation?: ReactNode;
  /** Renders the navigation as a list for narrow screens. It calls `close` after a selection. */
  renderNarrowNavigation?: (close: () => void) => ReactNode;
  tools: ReactNode;
}) {
  const [open, { toggle, close }] = useDisclosure(false);
  return (
    <header className={css("header")}>
      <a href="#content" className={css("skip")} onClick={skipToContent}>
        Skip to content
      </a>
      <Group h={HEADER_HEIGHT} px="md" gap="md" wrap="nowrap" justify="space-between">
        <Group gap="lg" wrap="nowrap">
          <a href={home} className={css("brand")}>
            <Logo />
            <Text component="span" fw={680} size="lg" lts="-0.01em">
              Narthex
            </Text>
            {role !== undefined && (
              <Text component="span" size="sm" c="dimmed" className={css("role")}>
                {role}
              </Text>
            )}
            <VisuallyHidden>, start page</VisuallyHidden>
          </a>
          {navigation !== undefined && (
            <Group gap={4} visibleFrom="sm" component="nav" aria-label="Main" wrap="nowrap">
              {navigation}
            </Group>
          )}
        </Group>
        <Group gap={0} wrap="nowrap" justify="flex-end" flex={1}>
          {tools}
          {renderNarrowNavigation !== undefined && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              hiddenFrom="sm"
              aria-label="Navigation"
              aria-expanded={open}
              onClick={toggle}
            >
              {open ? <IconX size={22} /> : <IconMenu2 size={22} />}
            </ActionIcon>
          )}
        </Group>
      </Group>
      {open && renderNarrowNavigation !== undefined && (
        <nav className={css("folded")} aria-label="Main, folded">
          {renderNarrowNavigation(close)}
        </nav>
      )}
    </header>
  );
}
