(() => {
  const box = document.getElementById('filter');
  if (!box) return;
  const rows = [...document.querySelectorAll('tr.migration')];
  const texts = rows.map(row => row.textContent.toLowerCase());
  const shown = document.getElementById('shown');
  box.closest('.filter').hidden = false;
  box.addEventListener('input', () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(word => word);
    let count = 0;
    rows.forEach((row, i) => {
      const isShown = words.every(word => texts[i].includes(word));
      row.hidden = !isShown;
      count += isShown ? 1 : 0;
    });
    shown.textContent = words.length ? `${count} of ${rows.length}` : '';
  });
})();
