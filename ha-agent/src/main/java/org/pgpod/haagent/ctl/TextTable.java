package org.pgpod.haagent.ctl;

import java.util.List;

/** A table of text in the style of patronictl: the title stands in the upper border. */
record TextTable(String title, List<String> headings, List<List<String>> rows) {
    TextTable {
        headings = List.copyOf(headings);
        rows = List.copyOf(rows);
    }

    String render() {
        int[] widths = new int[headings.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = headings.get(column).length();
            for (List<String> row : rows) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        String border = border(widths);
        StringBuilder text = new StringBuilder(withTitle(border)).append('\n');
        text.append(line(headings, widths)).append(border).append('\n');
        rows.forEach(row -> text.append(line(row, widths)));
        return text.append(border).append('\n').toString();
    }

    private static String border(int[] widths) {
        StringBuilder border = new StringBuilder("+");
        for (int width : widths) {
            border.append("-".repeat(width + 2)).append('+');
        }
        return border.toString();
    }

    private String withTitle(String border) {
        String begin = "+ " + title + " ";
        return begin.length() < border.length() ? begin + border.substring(begin.length()) : begin + "+";
    }

    private static String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder("|");
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            line.append(' ')
                    .append(cell)
                    .append(" ".repeat(widths[column] - cell.length()))
                    .append(" |");
        }
        return line.append('\n').toString();
    }
}
