// The device's own name, where the program that serves this page tells it.
fetch('/name').then(async reply => {
  if (!reply.ok) return;
  const name = document.createElement('b');
  name.textContent = (await reply.text()).trim();
  const device = document.getElementById('device');
  device.append('Served by ', name);
  device.hidden = false;
}).catch(() => {});
