// Tables that scroll can be reached by the keyboard; the theme wraps them when a page is shown.
document$.subscribe(() => requestAnimationFrame(() => {
  for (const wrap of document.querySelectorAll(".md-typeset__scrollwrap")) wrap.tabIndex = 0;
}));

// A heading of the board's tables sorts by its column: by numbers where every cell that holds
// anything begins with one, else by text. What is not there comes last.
document$.subscribe(() => {
  for (const table of document.querySelectorAll(".sortable table")) {
    const heads = [...table.querySelectorAll("thead th")];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const falling = head.getAttribute("aria-sort") === "descending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", falling ? "ascending" : "descending");
        sortRows(table.tBodies[0], column, falling ? 1 : -1);
      });
    });
  }
});

function sortRows(body, column, sign) {
  const rows = [...body.rows].map((row) => {
    const text = row.cells[column].textContent.trim();
    const found = /^-?[\d,]*\.?\d+(?=$|[\s(])/.exec(text);
    const absent = text === "" || text === "\u2013";
    return { row, text, absent, number: found ? Number(found[0].replaceAll(",", "")) : null };
  });
  const numbers = rows.every(({ absent, number }) => absent || number !== null);
  rows.sort((one, other) => {
    if (one.absent || other.absent) return one.absent - other.absent;
    return sign * (numbers ? one.number - other.number : one.text.localeCompare(other.text));
  });
  body.append(...rows.map(({ row }) => row));
}
