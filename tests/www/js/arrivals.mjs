// A row for each file of this page, from the browser's own clock.
const rows = document.querySelector('#arrivals tbody');
const places = new Map();
const bytes = new Intl.NumberFormat('en');

function path(address) {
  const url = new URL(address);
  return url.origin === location.origin ? decodeURI(url.pathname) : url.href;
}

// What came over the network; a reply that says "unchanged" has a head and no body.
function network(entry) {
  if (entry.transferSize === 0) return 'none';
  return entry.encodedBodySize > 0 && entry.transferSize < entry.encodedBodySize ? 'unchanged' : 'sent';
}

function show(entry) {
  if (entry.initiatorType === 'fetch') return;
  const name = path(entry.name);
  if (places.has(name) && entry.transferSize === 0) return; // used twice, loaded once
  const row = places.get(name) ?? rows.insertRow();
  places.set(name, row);
  const time = `${Math.max(1, Math.round(entry.duration))} ms`;
  const texts = [name, bytes.format(entry.encodedBodySize), time, network(entry)];
  row.replaceChildren(...texts.map((text, column) => {
    const cell = document.createElement('td');
    cell.textContent = text;
    cell.classList.toggle('number', column === 1 || column === 2);
    return cell;
  }));
}

new PerformanceObserver(list => list.getEntries().forEach(show)).observe({type: 'navigation', buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(show)).observe({type: 'resource', buffered: true});
