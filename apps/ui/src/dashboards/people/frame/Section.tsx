import { Box, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Card, CardTitle } from "../../../shell/Card.tsx";

/** A section of a page: a heading, an explanation and the content. */
export function Section({
  title,
  about,
  isTable = false,
  children,
}: {
  title: string;
  about?: ReactNode;
  /** Whether the content is a table, which fills the width. */
  isTable?: boolean;
  children: ReactNode;
}) {
  return (
    <Card component="section" aria-label={title} mb="md">
      <CardTitle>{title}</CardTitle>
      {about !== undefined && (
        <Text size="sm" c="dimmed" px={14} pt={10} component="div">
          {about}
        </Text>
      )}
      <Box p={isTable ? 0 : 14} pt={isTable ? 6 : 12}>
        {children}
      </Box>
    </Card>
  );
}
