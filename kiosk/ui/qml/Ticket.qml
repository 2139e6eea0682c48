// The ticket, large enough to be photographed when no paper comes; then the offer.
import QtQuick

Item {
    id: page

    TicketSheet {
        id: sheet
        width: parent.width
        height: answers.tiles.length ? Math.min(600, page.height - answers.height - question.height - 44)
                                     : Math.min(820, page.height)
    }

    Words {
        id: question
        y: sheet.height + 24
        width: parent.width
        visible: answers.tiles.length > 0
        text: bridge.screen.caption ?? ""
        size: 48
        weight: Font.Bold
    }

    Answers {
        id: answers
        width: parent.width
        tileHeight: stage.portrait ? 236 : 200
        y: question.y + question.height + 16
    }
}
