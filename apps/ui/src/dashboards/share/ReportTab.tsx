import { Button, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { rootPath } from "../../api/root-path.ts";
import { pictureAddress, reportAddress, type SharedView } from "../data/share-address.ts";

/** Links to a new report of the dashboard, and to its PDF and its picture. */
export function ReportTab({ view }: { view: SharedView }) {
  const picture = `${rootPath}${pictureAddress(view)}`;
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        A report sends the dashboard by mail on a schedule. Pictures are complete if the server has Chromium.
      </Text>
      <Group gap="sm">
        <Button component={Link} to={reportAddress(view)}>
          New report
        </Button>
        <Button component="a" variant="default" href={`${picture}&encoding=pdf&orientation=landscape`} target="_blank">
          Open as PDF
        </Button>
        <Button component="a" variant="default" href={`${picture}&width=1200&height=-1`} target="_blank">
          Open as picture
        </Button>
      </Group>
    </Stack>
  );
}
