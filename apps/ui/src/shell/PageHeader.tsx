import { Box, Group, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

const siteTitle = document.title.endsWith("_PLACEHOLDER") || document.title === "" ? "Narthex" : document.title;

/** Sets the page's title in the browser's tab and history. */
export function usePageTitle(title: string): void {
  useDocumentTitle(`${title} · ${siteTitle}`);
}

/** Heading of a page, with an explanation or counts next to it. */
export function PageHeader({
  title,
  toolbar,
  children,
}: {
  title: string;
  /** Controls at the end of the heading's line. */
  toolbar?: ReactNode;
  children?: ReactNode;
}) {
  usePageTitle(title);
  return (
    <Group align="baseline" gap="sm" mb="md">
      <Title order={1} size="h3">
        {title}
      </Title>
      <Text size="sm" c="dimmed" component="div">
        {children}
      </Text>
      {toolbar !== undefined && <Box ml="auto">{toolbar}</Box>}
    </Group>
  );
}
