/** The row that everything here is measured with: about 110 bytes. */

export function row(index: number, text = "was shared with the harbour office"): string {
  return `<li class="row" data-row="${index}"><a href="/documents/${index}">Document ${index}</a> ${text}</li>`;
}

export function rows(count: number): string[] {
  return Array.from({ length: count }, (_, index) => row(index));
}
