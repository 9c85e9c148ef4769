/** What is shown where there is no preview: a blank sheet. */
export const FALLBACK_SVG: string =
  '<svg xmlns="http://www.w3.org/2000/svg" width="180" height="255" viewBox="0 0 180 255">' +
  '<path fill="#eceff1" stroke="#b0bec5" stroke-width="3" d="M12 12h110l46 46v185H12z"/>' +
  '<path fill="#fff" stroke="#b0bec5" stroke-width="3" stroke-linejoin="round" d="M122 12v46h46z"/>' +
  '<path stroke="#b0bec5" stroke-width="6" stroke-linecap="round" d="M40 96h100M40 122h100M40 148h100M40 174h60"/></svg>';
