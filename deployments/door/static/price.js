// Adds up while one types; the page works without it, and the server's own total is the one that counts.
"use strict";
(function () {
  const form = document.getElementById("price");
  const total = document.getElementById("total");
  if (!form || !total) return;
  const sign = total.textContent.replace(/[\d\s.,\u00a0\u202f-]/g, "");
  const written = new Intl.NumberFormat(form.dataset.language, { maximumFractionDigits: 2 });
  const number = (text) => {
    const plain = text.replace(/[\s\u00a0]/g, "").replace(",", ".");
    return /^\d{1,9}(\.\d{1,3})?$/.test(plain) ? Number(plain) : 0;
  };
  const say = (value) => (value ? written.format(value) + " " + sign : "");
  const addUp = () => {
    let sum = 0;
    for (const row of form.querySelectorAll("tbody tr")) {
      const quantity = row.querySelector("[name^='quantity:'], [name^='free:quantity:']");
      const title = row.querySelector("[name^='free:title:']");
      const price = row.dataset.price || row.querySelector("[name^='free:price:']").value;
      const count = quantity.value.trim() === "" && title && title.value.trim() ? 1 : number(quantity.value);
      const amount = Math.round(count * number(price) * 100) / 100;
      row.querySelector(".amount").textContent = say(amount);
      sum += amount;
    }
    total.textContent = say(sum) || "0 " + sign;
  };
  form.addEventListener("input", addUp);
})();
