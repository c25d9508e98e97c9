"""What the tool says, in Indonesian and in English. No framework: the tool runs without one."""

LANGUAGES = ("id", "en")
_chosen = "id"


def speak(language: str) -> None:
    """Choose the language of everything said from now on."""
    global _chosen  # noqa: PLW0603 -- one process, one person, one language
    _chosen = language


def say(text: str, **values: object) -> str:
    """Return a text in the language chosen, with values put in."""
    chosen = ENGLISH[text] if _chosen == "en" else text
    return chosen.format(**values) if values else chosen


ENGLISH = {
    # --- store ---
    "Kata sandi minimal {n} huruf.": "A passphrase has at least {n} characters.",
    "Berkas kunci minimal {n} bita.": "A key file has at least {n} bytes.",
    "Berkas simpanan ini rusak atau diubah.": "This store is damaged or was altered.",
    "Simpanan ini dibuka dengan cara lain (kata sandi/berkas).": (
        "This store is opened in the other way (passphrase/file)."
    ),
    "Kata sandi salah, atau simpanan ini diubah.": (
        "The passphrase is wrong, or this store was altered."
    ),
    "Simpanan sudah ada di map ini.": "There is a store in this folder already.",
    "Belum ada simpanan di map ini. Mulai dengan: bawaslu-sync login": (
        "There is no store in this folder yet. Begin with: bawaslu-sync login"
    ),
    "Proses lain sedang berjalan di simpanan ini.": "Another run is at work on this store.",
    "Belum terhubung ke server. Mulai dengan: bawaslu-sync login": (
        "Not connected to a server yet. Begin with: bawaslu-sync login"
    ),
    # --- asking ---
    "Kata sandi simpanan": "Passphrase of the store",
    "Kata sandi simpanan (ulangi)": "Passphrase of the store (again)",
    "Kata rahasia klien": "Secret of the client",
    "Kata sandi kunci": "Passphrase of the key",
    "Keduanya berbeda.": "The two differ.",
    "Tidak ada masukan.": "Nothing was given.",
    # --- queue ---
    "Tidak ada butir {n}.": "There is no item {n}.",
    "Berkas terlalu besar.": "The file is too large.",
    "Berkas kosong.": "The file is empty.",
    "Berkas melekat pada laporan atau temuan.": "A file belongs to a complaint or a finding.",
    "Sebut nomor butir atau ID laporan.": "Name an item's number or a complaint's ID.",
    "Berkas tidak dapat diubah; buang butir ini dan tambahkan lagi.": (
        "A file cannot be edited; drop this item and add it again."
    ),
    "Butir {n} tidak menunggu kepastian.": "Item {n} does not wait for certainty.",
    "Laporan ini sudah terkirim tanpa berkas; tidak dapat ditambah.": (
        "This complaint was sent without files; none can be added."
    ),
    "Butir {n} mungkin sudah diterima server. Jalankan push dulu.": (
        "The server may have item {n} already. Run push first."
    ),
    "Butir {n} sudah terkirim.": "Item {n} is sent.",
    "Butir {n} sudah dibuang.": "Item {n} was dropped.",
    "Berkas ini bukan JSON.": "This file is no JSON.",
    "Isi berkas harus satu objek JSON.": "The file has to hold one JSON object.",
    "Jalur open dan sealed memerlukan identity (name, address); jalur tip tidak.": (
        "Lanes open and sealed need identity (name, address); lane tip has none."
    ),
    "identity adalah teks dengan nama, misalnya name dan address.": (
        "identity is text under names, such as name and address."
    ),
    "Berkas {file} tidak dapat dibaca.": "The file {file} cannot be read.",
    # --- sending ---
    "Pengiriman terakhir terputus lebih dari 13 hari lalu; server mungkin sudah menerimanya. "
    "Periksa di meja, lalu: queue settle.": (
        "The last try broke off more than 13 days ago; the server may have it. "
        "Look on the desk, then: queue settle."
    ),
    "Kunci untuk mengunci nama tidak dapat dipastikan. Periksa trust.json, lalu: queue retry.": (
        "The keys for sealing the name cannot be verified. Check trust.json, then: queue retry."
    ),
    "Laporannya sudah dibuang.": "Its complaint was dropped.",
    "Laporan ini tidak menerima berkas.": "This complaint takes no files.",
    # --- showing ---
    "menunggu dikirim": "waits to be sent",
    "menunggu kepastian dari server (dikirim {at})": "waits for the server's word (sent {at})",
    "menunggu butir {n}": "waits for item {n}",
    "perlu diperbaiki": "needs mending",
    "terkirim": "sent",
    "dibuang": "dropped",
    "laporan": "complaint",
    "temuan": "finding",
    "berkas": "file",
    "{kind} {n}: {state}": "{kind} {n}: {state}",
    "Tanda terima butir {n} belum diserahkan: bawaslu-sync receipt {n}": (
        "The receipt of item {n} is not handed over yet: bawaslu-sync receipt {n}"
    ),
    "Butir {n} tidak menyimpan tanda terima.": "Item {n} keeps no receipt.",
    "Tanda terima butir {n} dihapus dari simpanan.": (
        "The receipt of item {n} is deleted from the store."
    ),
    "Serahkan kepada pelapor, lalu: bawaslu-sync receipt {n} --handed": (
        "Hand it to the reporter, then: bawaslu-sync receipt {n} --handed"
    ),
    "Butir {n} masuk antrean.": "Item {n} is queued.",
    "Butir {n} menunggu dikirim lagi.": "Item {n} waits to be sent again.",
    "Butir {n} selesai.": "Item {n} is settled.",
    "Antrean kosong.": "The queue is empty.",
    "Terkirim {sent}, perlu diperbaiki {parked}, menunggu {waiting}.": (
        "Sent {sent}, to be mended {parked}, waiting {waiting}."
    ),
    "Cermin diperbarui: {kept} catatan, {removed} dihapus.": (
        "The mirror is up to date: {kept} records, {removed} removed."
    ),
    "Server meminta mulai dari awal; cermin disusun ulang.": (
        "The server asked to begin anew; the mirror was made again."
    ),
    "Cermin: {counts}. Diperbarui {at}.": "Mirror: {counts}. Updated {at}.",
    "Cermin belum pernah diperbarui: bawaslu-sync pull": (
        "The mirror was never updated: bawaslu-sync pull"
    ),
    "Terhubung: {name}, kantor {office}, berlaku sampai {until}.": (
        "Connected: {name}, office {office}, until {until}."
    ),
    "Server: {url}, klien {client}.": "Server: {url}, client {client}.",
    "Disimpan. Server belum dapat dihubungi: {why}": "Kept. The server cannot be reached yet: {why}",
    "Catatan tidak ada di cermin.": "The mirror has no such record.",
    "Sambungan terputus; yang menunggu dikirim pada jalan berikutnya.": (
        "The line broke; what waits is sent at the next run."
    ),
    "Server sedang bermasalah ({status}); coba lagi nanti.": (
        "The server has trouble ({status}); try again later."
    ),
    "Kuota menit ini habis; coba lagi dalam {seconds} detik.": (
        "This minute's quota is used up; try again in {seconds} seconds."
    ),
    "Server menolak klien ini: {detail}": "The server refuses this client: {detail}",
    "Berhenti.": "Stopped.",
    "Mengirim": "Sending",
    "Menarik": "Pulling",
    "Alamat server ditulis https://NAMA, tanpa alamat halaman.": (
        "The server's address is written https://NAME, without a path."
    ),
    "Kunci klien tidak dapat dibaca.": "The client's key cannot be read.",
    "Berkas kepercayaan tidak dapat dibaca.": "The trust file cannot be read.",
    "Jawaban server tidak dipahami; perbarui bawaslu-sync.": (
        "The server's answer is not understood; update bawaslu-sync."
    ),
}
